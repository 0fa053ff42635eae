"""Settings of sign-in by JSON Web Tokens: whose are accepted, and what they are called."""

from dataclasses import dataclass

from service.setting_fields import setting
from service.setting_values import http_url, one_of

JWT_SUBJECTS = ("reference", "pseudonym")


@dataclass(frozen=True, kw_only=True)
class SignInSettings:
    """Sign-in by JSON Web Tokens."""

    jwt_issuer: str | None = setting(
        "AMENDS_JWT_ISSUER", None, "Issuer (`iss`) of the JSON Web Tokens that are accepted."
    )
    jwt_audience: str | None = setting(
        "AMENDS_JWT_AUDIENCE", None, "Audience (`aud`) that such a token must name."
    )
    jwt_jwks_url: str | None = setting(
        "AMENDS_JWT_JWKS_URL",
        None,
        "Address of the issuer's public keys (JWKS). By https, except from this machine: whoever "
        "can change the answer can sign in as anybody.",
        http_url,
    )
    jwt_subjects: str = setting(
        "AMENDS_JWT_SUBJECTS",
        "reference",
        "How the subject (`sub`) of a token appears in events. `reference`: as it is, and tokens "
        "whose subject holds a space or an @ are refused. `pseudonym`: people under a keyed hash "
        "of it, which `amends token actor` computes.",
        one_of(*JWT_SUBJECTS),
    )
