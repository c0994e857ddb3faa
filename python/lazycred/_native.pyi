"""Types of the native module; users import from `lazycred`."""

import builtins
from os import PathLike
from types import TracebackType
from typing import Any, Literal, TypedDict, final, overload, type_check_only

from typing_extensions import Self

__all__ = ["Client", "__version__"]

__version__: str

@type_check_only
class Version(TypedDict):
    version: str
    modified: str
    size: int
    deleted: bool
    current: bool

@final
class Client:
    def __new__(
        cls,
        *,
        s3_path: str | None = None,
        key_alias: str | None = None,
        region: str | None = None,
        profile: str | None = None,
        bucket_region: str | None = None,
        account: str | None = None,
        format: int | None = None,
        min_format: int | None = None,
        max_age: str | None = None,
        sse: str | None = None,
        keys: builtins.list[str] | tuple[str, ...] | None = None,
        key_accounts: builtins.list[str] | tuple[str, ...] | None = None,
        pin_key: bool | None = None,
        cache: bool | None = None,
        config: str | PathLike[str] | None = None,
        environment: str | None = None,
        timeout: float = 30.0,
        max_size: int = 67108864,
        verify: bool = True,
        stale_if_error: bool = False,
    ) -> Self: ...
    def get(self, name: str, field: str | None = None, *, version: str | None = None) -> bytes: ...
    def get_text(self, name: str, field: str | None = None, *, version: str | None = None) -> str: ...
    def get_json(self, name: str, *, version: str | None = None) -> Any: ...
    def put(
        self,
        name: str,
        data: bytes | str,
        *,
        if_absent: bool = False,
        if_version: str | None = None,
    ) -> str | None: ...
    @overload
    def set(self, name: str, field: str, value: bytes | str) -> str | None: ...
    @overload
    def set(self, name: str, field: str, *, json: Any) -> str | None: ...
    def unset(self, name: str, field: str) -> str | None: ...
    def list(self, prefix: str = "") -> builtins.list[str]: ...
    def history(self, name: str) -> builtins.list[Version]: ...
    def rollback(self, name: str, version: str | None = None) -> str | None: ...
    def delete(self, name: str, *, if_version: str | None = None) -> str | None: ...
    def load(
        self,
        *references: str,
        prefix: str = "",
        separator: str = "_",
        case: Literal["upper", "keep", "lower"] = "upper",
        arrays: Literal["json", "index"] = "json",
        null: Literal["omit", "empty", "error"] = "omit",
        format: Literal["auto", "json", "dotenv", "text"] = "auto",
        only: str | builtins.list[str] | tuple[str, ...] = (),
        exclude: str | builtins.list[str] | tuple[str, ...] = (),
        allow: str | builtins.list[str] | tuple[str, ...] = (),
    ) -> dict[str, str]: ...
    def environ(
        self,
        *references: str,
        prefix: str = "",
        separator: str = "_",
        case: Literal["upper", "keep", "lower"] = "upper",
        arrays: Literal["json", "index"] = "json",
        null: Literal["omit", "empty", "error"] = "omit",
        format: Literal["auto", "json", "dotenv", "text"] = "auto",
        only: str | builtins.list[str] | tuple[str, ...] = (),
        exclude: str | builtins.list[str] | tuple[str, ...] = (),
        allow: str | builtins.list[str] | tuple[str, ...] = (),
        no_override: bool = False,
    ) -> dict[str, str]: ...
    @property
    def _prefix(self) -> str | None: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
