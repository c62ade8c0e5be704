"""AWS credentials and signatures, both botocore's. Source: AWS General Reference, Signature Version 4."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any, cast

from ...engine.errors import ConfigError, UpstreamRefused
from ...engine.secret import Secret


@dataclass(frozen=True, slots=True)
class AwsKeys:
    """Credentials that were configured here. `token` belongs to temporary ones."""

    id: Secret
    secret: Secret
    token: Secret | None = None


class Signer:
    """Signs requests to Bedrock in one region.

    `keys` None asks where AWS's own tools ask: the environment, `profile` of the shared files, a container's or an
    instance's role; such credentials are renewed when they run out. `start` it before use. Raises ConfigError when
    botocore is missing.
    """

    def __init__(self, name: str, region: str, keys: AwsKeys | None = None, profile: str | None = None) -> None:
        """`name` is the provider's, for error texts."""
        if find_spec("botocore") is None:
            raise ConfigError(f"Provider {name} needs AWS's signatures.", hint="pip install 'tidegate[bedrock]'")
        self._name = name
        self._region = region
        self._keys = keys
        self._profile = profile
        self._credentials: Any = None

    async def start(self) -> None:
        """Find the credentials. Raises ConfigError when there are none."""
        self._credentials = await asyncio.to_thread(self._find)
        if self._credentials is None:
            raise ConfigError(
                f"Provider {self._name}: no AWS credentials were found.",
                hint="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the provider's profile or api_key",
            )

    def _find(self) -> Any:
        from botocore.credentials import Credentials
        from botocore.exceptions import BotoCoreError
        from botocore.session import Session

        if self._keys is not None:
            token = self._keys.token.reveal() if self._keys.token else None
            return Credentials(self._keys.id.reveal(), self._keys.secret.reveal(), token)
        try:
            return cast(Any, Session(profile=self._profile)).get_credentials()
        except BotoCoreError as error:
            raise ConfigError(
                f"Provider {self._name}: the AWS profile cannot be used: {type(error).__name__}"
            ) from None

    async def signed(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        """`headers` and those of the signature. Raises UpstreamRefused when the credentials cannot be renewed."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest

        try:
            # Renewal asks AWS, and botocore waits for it where it stands.
            renewal = getattr(self._credentials, "refresh_needed", None)
            frozen = self._credentials.get_frozen_credentials
            credentials = await asyncio.to_thread(frozen) if renewal is not None and renewal() else frozen()
        except Exception:
            raise UpstreamRefused(f"{self._name}: the AWS credentials could not be renewed.") from None
        request: Any = AWSRequest(method=method, url=url, data=body, headers=dict(headers))
        SigV4Auth(credentials, "bedrock", self._region).add_auth(request)
        return dict(request.headers.items())
