"""The note in a pack: what it holds, what it proves, and how to verify it with any tool."""

from __future__ import annotations

from typing import Final

from api.packs.note_of_reviews import told_of_reviews
from projections.packs.evidence import Evidence
from projections.packs.layout import receipt_file

_SIGNATURE: Final = r"""
sed '/^$/,$d' checkpoint > text
sed -n '/^$/,$s/^[^ ]* [^ ]* //p' checkpoint | head -n 1 | base64 -d | tail -c +5 > signature
openssl pkeyutl -verify -pubin -inkey checkpoint-key.pem -rawin -in text -sigfile signature
"""

_RECEIPT: Final = r"""
receipt={receipt}
hash() {{ openssl dgst -sha256 -binary; }}
index=$(sed -n 's/^index //p' $receipt)
path=$(sed -n '/^index /,/^$/{{/^index /d;/^$/d;p;}}' $receipt)
last=$(($(sed -n 2p checkpoint) - 1))
sed -n 's/^extra //p' $receipt | base64 -d > event
{{ printf '\000'; cat event; }} | hash > node
for sibling in $path; do
    printf %s "$sibling" | base64 -d > sibling
    if [ $((index % 2)) -eq 1 ] || [ "$index" -eq "$last" ]; then
        {{ printf '\001'; cat sibling node; }} | hash > next
        while [ $((index % 2)) -eq 0 ] && [ "$index" -ne 0 ]; do
            index=$((index / 2)) last=$((last / 2))
        done
    else
        {{ printf '\001'; cat node sibling; }} | hash > next
    fi
    mv next node
    index=$((index / 2)) last=$((last / 2))
done
[ "$(base64 < node)" = "$(sed -n 3p checkpoint)" ] && echo "the event is in the ledger"
"""

_IN_RUST: Final = """
import base64, hashlib, pathlib
import metamorphic_log as ml

keys = pathlib.Path("keys").read_text().splitlines()
checkpoint = pathlib.Path("checkpoint").read_text()
print(ml.checkpoint_verify(checkpoint, keys).size, "events and records are signed")
for file in sorted({receipts}):
    _, extra, index, *path = file.read_text().partition("\\n\\n")[0].split("\\n")
    leaf = hashlib.sha256(b"\\0" + base64.b64decode(extra.removeprefix("extra "))).digest()
    siblings = [base64.b64decode(line) for line in path]
    number = int(index.removeprefix("index "))
    ml.checkpoint_verify_inclusion(checkpoint, keys, number, leaf, siblings)
print("every event is in the ledger")
"""

_NOTES: Final = {
    "en": """\
AUDIT PACK

{about}{counted}
Ledger {origin}, checkpoint over {size} events and records.

WHAT IS IN IT

README.txt              this note
pack.json               what the pack is about: cases, versions, checkpoint
checkpoint              the ledger's size and root, signed
checkpoint-key.pem      the public key that signed it; while the ledger's key is changed two sign,
                        and this is the new one: the old one stands in `keys`
keys                    every public key that ever signed, one a line
SHA256SUMS              the digest of every file
cases/ID/
  timeline.html         the case to read and to print
  events.json           its events, readable; personal texts as far as you may read them
  documents.json        digests of the documents attached to it
  stored.pgcopy         its events as they are stored, byte for byte
  receipts/             for each version the proof that it is in the ledger
{files}
HOW TO VERIFY IT

First get the ledger's public keys from somebody you trust, outside of this pack, and compare them
with the file `keys`: who can forge a pack can put a key into it. The published checkpoint over
{size} events and records must be the one in this pack.

1. With Amends, without any database:

amends ledger verify-pack FILE.zip --keys KEYS --checkpoint PUBLISHED

2. With nothing but common tools, in the folder of this note. That no file was changed:

sha256sum -c SHA256SUMS

Who signed the checkpoint, by openssl:
{signature}
That one event is in the ledger, by openssl (`event` then holds the stored bytes):
{receipt}
3. All receipts at once, in Python with the package metamorphic-log:
{in_rust}
WHAT IT PROVES

Every event in it is in the ledger exactly as it is stored here, and no version between the first
and the last of a case is missing. Whether later versions exist, only the service can tell: compare
with a pack that you take yourself. {proven}Personal texts are stored encrypted, and that is what is
proven; their clear words in events.json and timeline.html are as the service showed them to the one
who took this pack. The texts of a person who was erased are gone; the proofs hold all the same.
""",
    "zh": """\
审计包

{about}{counted}
账本 {origin}，检查点含 {size} 个事件和记录。

内容

README.txt              本说明
pack.json               本包的范围：案例、版本、检查点
checkpoint              账本的大小与根哈希，已签名
checkpoint-key.pem      签名所用的公钥；更换密钥期间新旧两把同时签名，此为新公钥，旧公钥见 keys
keys                    曾用于签名的全部公钥，每行一个
SHA256SUMS              每个文件的摘要
cases/ID/
  timeline.html         供阅读和打印的案例时间线
  events.json           可读的事件；个人信息文本以您的权限为限
  documents.json        所附文件的摘要
  stored.pgcopy         事件的存储原文，逐字节一致
  receipts/             每个版本在账本中的证明
{files}
如何验证

请先从本包之外、您信任的人那里取得账本公钥，并与文件 keys 比较：能伪造审计包的人也能放入自己的公钥。
已发布的、含 {size} 个事件和记录的检查点必须与本包中的一致。

1. 使用 Amends，不需要数据库：

amends ledger verify-pack FILE.zip --keys KEYS --checkpoint PUBLISHED

2. 只用通用工具，在本说明所在的文件夹中。确认没有文件被改动：

sha256sum -c SHA256SUMS

用 openssl 确认检查点由谁签名：
{signature}
用 openssl 确认一个事件在账本中（随后 event 即为存储原文）：
{receipt}
3. 用 Python 包 metamorphic-log 一次验证全部凭证：
{in_rust}
能证明什么

包中每个事件都以此处的存储原文存在于账本中，且每个案例从首个到最后一个版本之间没有缺失。
是否还有更新的版本，只有服务本身知道：请自行执行 amends audit-pack 取包比较。
{proven}个人信息文本以密文存储，得到证明的是密文；
events.json 和 timeline.html 中的明文是服务向取包人显示的内容。
已删除者的文本不复存在，证明仍然成立。
""",
}
_ABOUT: Final = {
    "en": {
        "case": "The history of one case.",
        "customer": "The history of every case of one customer.",
        "period": "Everything recorded from {recorded_from} until before {recorded_to}.",
    },
    "zh": {
        "case": "一个案例的历史。",
        "customer": "一位客户全部案例的历史。",
        "period": "自 {recorded_from} 起、{recorded_to} 之前记录的全部事件。",
    },
}


def note(evidence: Evidence, language: str) -> bytes:
    """The note for this pack, in "en" or "zh"."""
    told, more = evidence.scope.told(), told_of_reviews(evidence, language)
    checkpoint = evidence.checkpoint
    return (
        _NOTES[language]
        .format(
            about=_ABOUT[language][told["kind"]].format(**told),
            origin=checkpoint.origin,
            size=checkpoint.size,
            signature=_SIGNATURE,
            receipt=_RECEIPT.format(receipt=_first_receipt(evidence)),
            in_rust=_IN_RUST.format(receipts=more.receipts),
            counted=more.counted,
            files=more.files,
            proven=more.proven,
        )
        .encode()
    )


def _first_receipt(evidence: Evidence) -> str:
    for part in evidence.slices:
        return receipt_file(part.case_id, part.first_version)
    first = evidence.reviews[0]
    return first.streams.place(first.originator_id).receipt(1)
