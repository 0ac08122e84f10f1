"""What config/ and the environment say, read once at the start and frozen. `load_settings` is the way in."""

from oms.settings.examples import made_up_addresses, made_up_sellers
from oms.settings.keys import link_key
from oms.settings.loading import files_of, load_settings, warnings_about
from oms.settings.model import Oidc, Settings, Smtp
from oms.settings.profiles import MAIL_SMTP, key_of, lane_of, profiles_of, server_of

__all__ = [
    "MAIL_SMTP",
    "Oidc",
    "Settings",
    "Smtp",
    "files_of",
    "key_of",
    "lane_of",
    "link_key",
    "load_settings",
    "made_up_addresses",
    "made_up_sellers",
    "profiles_of",
    "server_of",
    "warnings_about",
]
