"""`conggao serve`, and the keys that let programs in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, cast

import typer
from rich.table import Table

from conggao.cli.options import LangOption, Policies, language
from conggao.cli.output import console
from conggao.cli.serve.settings import Settings, is_loopback
from conggao.engine.rulebook.library import load
from conggao.facts.diagnostics import Diagnostic, InputFaults, Text

app = typer.Typer(
    help="HTTP 判定服务。 The decision service over HTTP.", invoke_without_command=True, no_args_is_help=False
)
key_app = typer.Typer(help="API 密钥：只存哈希。 API keys, of which only the hash is kept.", no_args_is_help=True)
app.add_typer(key_app, name="key")

KeysFile = Annotated[
    Path,
    typer.Option(
        "--keys", metavar="FILE", envvar="CONGGAO_KEYS", show_envvar=False, help="密钥文件。 The file of API keys."
    ),
]
DEFAULT_KEYS = Path("conggao-keys.json")


@app.callback()
def serve(
    context: typer.Context,
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="监听地址。 The address to listen on.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="端口，0 为任选。 The port; 0 for any.")
    ] = 8000,
    workers: Annotated[
        int, typer.Option("--workers", metavar="N", min=1, max=256, help="进程数。 Worker processes.")
    ] = 1,
    policy: Policies = None,
    keys: Annotated[
        Path | None,
        typer.Option(
            "--keys",
            metavar="FILE",
            envvar="CONGGAO_KEYS",
            show_envvar=False,
            help="密钥文件；非本机地址必须有。 The file of API keys; needed on any address but loopback.",
        ),
    ] = None,
    ledger: Annotated[
        str | None,
        typer.Option(
            "--ledger", metavar="FILE|URL", envvar="CONGGAO_LEDGER", show_envvar=False, help="台账。 The ledger."
        ),
    ] = None,
    witness: Annotated[
        Path | None,
        typer.Option(
            "--witness",
            metavar="FILE",
            envvar="CONGGAO_WITNESS",
            show_envvar=False,
            help="台账的见证文件。 The ledger's witness file.",
        ),
    ] = None,
    seconds: Annotated[
        float, typer.Option("--timeout", metavar="SECONDS", min=0.1, help="一次作答的时限。 The time for one answer.")
    ] = 30.0,
    lang: LangOption = None,
) -> None:
    """HTTP 判定服务；只听本机时不要密钥。 The decision service over HTTP; without keys on loopback alone."""
    if context.invoked_subcommand is not None:
        return
    try:
        from conggao.cli.serve.running import run
    except ModuleNotFoundError as missing:
        if missing.name not in ("uvicorn", "fastapi", "prometheus_client", "starlette"):
            raise
        hint = Text("安装 `conggao[serve]`", "install `conggao[serve]`")
        raise InputFaults(
            [
                Diagnostic(
                    "serve/extra",
                    Text("服务需要 fastapi 和 uvicorn", "the service needs fastapi and uvicorn"),
                    help=hint,
                )
            ]
        ) from None
    load(policy)  # says what is wrong before anything listens
    if ledger is not None:
        from conggao.engine.ledger import Ledger

        Ledger.open(ledger, witness=witness).close()
    if not _lets_in(keys) and not is_loopback(host):
        message = Text(
            f"{host} 可从别的机器访问，必须有密钥", f"{host} can be reached from other machines: keys are needed"
        )
        hint = Text(
            "先用 `conggao serve key add` 生成密钥，再加 --keys 文件",
            "make one with `conggao serve key add`, then give --keys FILE",
        )
        raise InputFaults([Diagnostic("serve/keys", message, path="--host", help=hint)])
    settings = Settings(
        policies=None if policy is None else tuple(policy), keys=None if keys is None else str(keys), ledger=ledger,
        witness=None if witness is None else str(witness), seconds=seconds, lang="zh" if lang is None else language(lang),
    )  # fmt: skip
    raise typer.Exit(run(settings, host, port, workers))


def _lets_in(keys: Path | None) -> bool:
    from conggao.cli.serve.keys import KeyRing

    return keys is not None and any(key.revoked is None for key in KeyRing(keys).held())


@key_app.command("add")
def add_(
    name: Annotated[str, typer.Argument(metavar="NAME", help="谁的密钥。 Whose key it is.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(
            "--scope", metavar="decide|record|read-ledger|administer", help="权限，可重复。 What it may do; repeatable."
        ),
    ] = None,
    keys: KeysFile = DEFAULT_KEYS,
    lang: LangOption = None,
) -> None:
    """生成一个密钥；只显示这一次。 Make a key; it is shown this once."""
    from conggao.cli.serve.keys import SCOPES, Scope, add

    asked = scope or ["decide"]
    wrong = [item for item in asked if item not in SCOPES]
    if wrong:
        hint = Text("可用：" + "、".join(SCOPES), "one of: " + ", ".join(SCOPES))
        raise InputFaults(
            [
                Diagnostic("keys/scope", Text(f"没有权限 `{item}`", f"there is no scope `{item}`"), help=hint)
                for item in wrong
            ]
        )
    key, token = add(keys, name, tuple(cast("list[Scope]", list(dict.fromkeys(asked)))))
    said = Text(f"密钥 {key.id}（{name}）：只显示这一次", f"key {key.id} ({name}): it is shown this once")
    console(stderr=True).print(said.of(language(lang)), style="green", markup=False, soft_wrap=True)
    typer.echo(token)


@key_app.command("list")
def list_(keys: KeysFile = DEFAULT_KEYS, lang: LangOption = None) -> None:
    """列出密钥。 The keys, without their tokens, which no one has kept."""
    from conggao.cli.serve.keys import KeyRing

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    for key in KeyRing(keys).held():
        ended = (
            "" if key.revoked is None else Text(f"已撤销 {key.revoked}", f"revoked {key.revoked}").of(language(lang))
        )
        table.add_row(key.id, key.name, " ".join(key.scopes), key.made, ended)
    console().print(table)


@key_app.command("revoke")
def revoke_(
    id_: Annotated[str, typer.Argument(metavar="ID", help="密钥编号。 The key's id.")],
    keys: KeysFile = DEFAULT_KEYS,
    lang: LangOption = None,
) -> None:
    """撤销一个密钥，立即生效。 End a key, at once."""
    from conggao.cli.serve.keys import revoke

    key = revoke(keys, id_)
    console().print(Text(f"已撤销 {key.id}", f"{key.id} is revoked").of(language(lang)), style="green")
