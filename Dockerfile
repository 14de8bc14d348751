# Three images: `gallra` (the last, so what `docker build .` makes) serves shops; `gallra-demo` has the made-up shop too;
# `gallra-fleet` is a worker of a fleet.
# The wheel is built and installed in stages of their own; the images hold the result and no build tools. All that is
# fetched is locked by hash (requirements/*.txt, made by `make lock`).
ARG BASE=python:3.12-slim
FROM ${BASE} AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY connector ./connector
COPY adapters ./adapters
COPY sandbox ./sandbox
COPY config ./config
COPY requirements ./requirements
RUN python -m pip install --no-cache-dir --require-hashes -r requirements/build.txt
RUN python -m build --wheel --no-isolation
RUN python -m venv --without-pip /opt/gallra
RUN python -m pip --python /opt/gallra/bin/python install --no-cache-dir --no-compile --require-hashes \
    -r requirements/run.txt
RUN python -m pip --python /opt/gallra/bin/python install --no-cache-dir --no-compile --no-deps dist/*.whl
# Two fifths of it all would never be read: Babel's other locales, for Gallra writes Swedish and English, and the
# places of the world's telephone numbers.
RUN cd /opt/gallra/lib/python3*/site-packages \
    && find babel/locale-data -name '*.dat' ! -name 'root.dat' ! -name 'sv*.dat' ! -name 'en*.dat' -delete \
    && rm -r phonenumbers/geodata

FROM build AS build-demo
RUN python -m pip --python /opt/gallra/bin/python install --no-cache-dir --no-compile --require-hashes \
    -r requirements/demo.txt

FROM build AS build-alone
RUN rm -r /opt/gallra/lib/python3*/site-packages/sandbox

FROM build-alone AS build-fleet
RUN python -m pip --python /opt/gallra/bin/python install --no-cache-dir --no-compile --require-hashes \
    -r requirements/fleet.txt

FROM ${BASE} AS base
# Only /data is written: the root file system may be read-only, with a tmpfs on /tmp.
ENV PATH=/opt/gallra/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TZ=Europe/Stockholm
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin gallra \
    && mkdir --parents /data/shops \
    && chown --recursive 10001:10001 /data
USER 10001:10001
WORKDIR /data
VOLUME /data
ENTRYPOINT ["gallra"]

FROM base AS gallra-demo
COPY --from=build-demo /opt/gallra /opt/gallra
CMD ["demo"]

FROM base AS gallra-fleet
COPY --from=build-fleet /opt/gallra /opt/gallra
CMD ["fleet", "work"]

FROM base AS gallra
COPY --from=build-alone /opt/gallra /opt/gallra
# No service is asked. An image in the OCI format has no health check: podman and buildah keep it with `--format docker`.
HEALTHCHECK --interval=15m --timeout=60s --start-period=30s CMD ["gallra", "serve", "--health", "/data/shops"]
CMD ["serve", "/data/shops"]
