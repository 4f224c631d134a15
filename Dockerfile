# The service alone, for NATS_URL and CLICKHOUSE_URL given from outside: no embedded engine, no nats-server.

FROM node:22-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# npm, because its lockfile is the one that was tested. Without the optional packages there is no embedded engine (560 MB);
# Bun comes with the image below, so the package that brings it to a bare machine goes too. No install script is needed.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/bun node_modules/@oven node_modules/.bin node_modules/.package-lock.json

FROM oven/bun:1.4.5-slim
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json ./
COPY migrations ./migrations
COPY src ./src
# Owned by root and read by anyone: the service can change none of its own files. DATA_DIR alone is written to.
RUN mkdir /data && chown 1000:1000 /data
# Bun would keep compiled sources below the home directory: 0 turns that off, the root file system may be read-only.
# Told that the machine is this small (bytes), the runtime collects its garbage early: below 400 MB at full speed, for some of the speed.
ENV NODE_ENV=production \
  BUN_JSC_forceRAMSize=500000000 \
  INGEST_MEMORY_MB=64 \
  HOST=0.0.0.0 \
  PORT=3000 \
  DATA_DIR=/data \
  BUN_RUNTIME_TRANSPILER_CACHE_PATH=0
# The dashboards' page is bundled here: the service only reads it.
RUN ["bun", "src/cli/build-page.ts"]
USER 1000:1000
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
# Alive, not ready: while the broker or the store is away the service waits for them, and restarting it would not help.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["bun", "-e", "const answer = await fetch(`http://127.0.0.1:${process.env.PORT}/health/live`); process.exit(answer.ok ? 0 : 1)"]
ENTRYPOINT ["bun"]
CMD ["src/main.ts"]
