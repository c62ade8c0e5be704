"""Any client's dialect to any provider's, by way of a neutral form (`talk`). Pure functions.

A `Language` knows how to read and write one dialect; nobody knows two. The same dialect in and out is never translated.
What the other side has no word for is a BadRequest, code `not_carried`, that names the caller's own field.
"""

from collections.abc import Mapping

from .language import Language

LANGUAGES: Mapping[str, Language] = {language.dialect: language for language in ()}
"""By the dialect's name. Each is made at the end of its own file, such as `chat.py`'s `CHAT`."""
