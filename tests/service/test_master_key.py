"""The master key is made once, kept private, and never replaced beside data it protects."""

import base64
from concurrent.futures import ThreadPoolExecutor

import pytest

from service.master_key import ensure_key_file, load_master_key
from service.setting_values import SettingsError
from service.settings import Settings

KEY = bytes(range(32))
KEY_TEXT = base64.b64encode(KEY).decode()


def test_the_key_comes_from_the_value_or_from_the_file(tmp_path):
    path = tmp_path / "key"
    path.write_text(f"{KEY_TEXT}\n")

    assert load_master_key(Settings(master_key=KEY_TEXT)) == KEY
    assert load_master_key(Settings(master_key_file=path)) == KEY


@pytest.mark.parametrize("content", [b"", b"c2hvcnQ=", b"not base64!", "键".encode()])
def test_a_key_of_another_shape_is_refused_and_not_repeated(tmp_path, content):
    path = tmp_path / "key"
    path.write_bytes(content)

    with pytest.raises(SettingsError, match="AMENDS_MASTER_KEY_FILE") as refused:
        load_master_key(Settings(master_key_file=path))

    assert not content or content.decode() not in str(refused.value)


def test_no_key_and_a_missing_file_are_told_apart(tmp_path):
    with pytest.raises(SettingsError, match="set AMENDS_MASTER_KEY_FILE"):
        load_master_key(Settings())
    with pytest.raises(SettingsError, match="No such file"):
        load_master_key(Settings(master_key_file=tmp_path / "gone"))


def test_the_key_file_is_made_once_and_is_private(tmp_path):
    data_dir = tmp_path / "new" / "data"

    with ThreadPoolExecutor(8) as pool:
        makers = [pool.submit(ensure_key_file, data_dir, has_data=False) for _ in range(8)]
    keys = {load_master_key(Settings(master_key_file=maker.result())) for maker in makers}

    assert len(keys) == 1
    assert (data_dir / "master.key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in data_dir.iterdir()] == ["master.key"]


def test_a_lost_key_is_not_replaced_beside_data_it_protects(tmp_path):
    with pytest.raises(SettingsError, match="restore it from a backup"):
        ensure_key_file(tmp_path, has_data=True)

    assert list(tmp_path.iterdir()) == []


def test_a_data_directory_that_cannot_be_used_is_named_by_its_variable(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(SettingsError, match="AMENDS_DATA_DIR cannot be used"):
        ensure_key_file(tmp_path / "file", has_data=False)
