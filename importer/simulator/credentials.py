"""The dummy credentials that the simulated providers accept. They open nothing else."""

# ruff: noqa: S105 - dummies, meant to be read

HITPAY_API_KEY = "sim_hitpay_key_not_a_secret"
RAPYD_ACCESS_KEY = "rak_SIMULATOR0000000001"
RAPYD_SECRET_KEY = "rsk_simulator_not_a_secret"
JUICYWAY_API_KEY = "sim_juicyway_key_not_a_secret"
YATIVO_ACCOUNT_ID = "sim-yativo-account"
YATIVO_APP_SECRET = "sim_yativo_secret_not_a_secret"
YATIVO_TOKEN = "sim_yativo_token_not_a_secret"
KREZYPAY_PUBLIC_KEY = "sim_krezypay_public"
KREZYPAY_SECRET_KEY = "sim_krezypay_secret_not_a_secret"
KREZYPAY_TOKEN = "sim_krezypay_token_not_a_secret"


def credentials_environment(*, static_tokens: bool = False) -> dict[str, str]:
    """All of them by the environment variable that the importer reads.

    Yativo and Krezypay get what their log-in takes; with `static_tokens`, a token that never expires instead.
    """
    logins = {
        "YATIVO_ACCOUNT_ID": YATIVO_ACCOUNT_ID,
        "YATIVO_APP_SECRET": YATIVO_APP_SECRET,
        "KREZYPAY_PUBLIC_KEY": KREZYPAY_PUBLIC_KEY,
        "KREZYPAY_SECRET_KEY": KREZYPAY_SECRET_KEY,
    }
    tokens = {"YATIVO_TOKEN": YATIVO_TOKEN, "KREZYPAY_TOKEN": KREZYPAY_TOKEN}
    return {
        "HITPAY_API_KEY": HITPAY_API_KEY,
        "RAPYD_ACCESS_KEY": RAPYD_ACCESS_KEY,
        "RAPYD_SECRET_KEY": RAPYD_SECRET_KEY,
        "JUICYWAY_API_KEY": JUICYWAY_API_KEY,
        **(tokens if static_tokens else logins),
    }
