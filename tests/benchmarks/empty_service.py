"""A Starlette route that does nothing, served as `bannergrid serve` serves: the peer of /v1/route.

Run as a program it takes a free port, prints it, and serves until it is told to stop.
"""

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.commands.serve import listen
from api.resources.route.question import PATH


async def nothing(_: Request) -> Response:
    return Response(b"{}", media_type="application/json")


def main() -> None:
    app = Starlette(routes=[Route(PATH, nothing)])
    config = uvicorn.Config(
        app, access_log=False, log_config=None, server_header=False, proxy_headers=False
    )
    with listen("127.0.0.1", 0, exact=True) as listener:
        # Connections wait in the listener's queue until it serves.
        print(listener.getsockname()[1], flush=True)  # noqa: T201 - whoever started it waits for it
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
