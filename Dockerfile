# The wheel is built and installed in the first stage; the second holds the result and no build tools.
FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY connector ./connector
COPY adapters ./adapters
COPY sandbox ./sandbox
COPY config ./config
RUN python -m pip install --no-cache-dir build
RUN python -m build --wheel
RUN python -m venv /opt/gallra
RUN /opt/gallra/bin/python -m pip install --no-cache-dir --no-compile dist/*.whl

FROM python:3.12-slim
# Only /data is written: the root file system may be read-only, with a tmpfs on /tmp.
ENV PATH=/opt/gallra/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TZ=Europe/Stockholm
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin gallra \
    && mkdir --parents /data/shops \
    && chown --recursive 10001:10001 /data
COPY --from=build /opt/gallra /opt/gallra
USER 10001:10001
WORKDIR /data
VOLUME /data
# Python ends in good order on SIGINT; as the first process of a container it would not hear SIGTERM.
STOPSIGNAL SIGINT
# Every shop's file is read and its ledger opened; no service is asked.
HEALTHCHECK --interval=15m --timeout=60s --start-period=30s \
    CMD gallra status /data/shops --json | python -c "import json, sys; sys.exit(any(shop.get('fault') for shop in json.load(sys.stdin)['shops']))"
ENTRYPOINT ["gallra"]
CMD ["serve", "/data/shops"]
