# The service without the embedded engine and without nats-server: NATS_URL and CLICKHOUSE_URL name the servers.

FROM node:22-slim AS packages
WORKDIR /app
COPY package.json package-lock.json ./
# npm uses the lockfile that the tests use. Without the optional packages there is no embedded engine (560 MB). The image
# below contains Bun, so that its package is removed. No install script is needed.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/bun node_modules/@oven node_modules/.bin node_modules/.package-lock.json

FROM oven/bun:1.4.5-slim
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
# The bundler reads from tsconfig.json how the components of the page are compiled.
COPY package.json tsconfig.json ./
COPY migrations ./migrations
COPY src ./src
# Owned by root and readable by everyone: the service can write to DATA_DIR only.
RUN mkdir /data && chown 1000:1000 /data
# Bun would cache compiled sources below the home directory; 0 disables that, as the root file system may be read-only.
# Returning memory later (after this number of ms), and not touching free memory in advance, takes 4 to 8 % less processor time during ingestion.
# With each garbage collection a full one, beginning it when the heap has grown by half, and this size of memory (bytes), the runtime keeps little garbage and stays below 400 MB at full load, at the cost of some throughput.
ENV NODE_ENV=production \
  MIMALLOC_PURGE_DELAY=2000 \
  BUN_JSC_useWarmUpMarkedBlocks=0 \
  BUN_JSC_minEdenToOldGenerationRatio=0.5 \
  BUN_JSC_smallHeapGrowthFactor=1.5 \
  BUN_JSC_forceRAMSize=500000000 \
  INGEST_MEMORY_MB=32 \
  HOST=0.0.0.0 \
  PORT=3000 \
  DATA_DIR=/data \
  BUN_RUNTIME_TRANSPILER_CACHE_PATH=0
# The service only reads the bundled page.
RUN ["bun", "src/cli/main.ts", "build-page"]
USER 1000:1000
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
# Liveness, not readiness: without the broker or the store the service waits, and a restart would not help.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["bun", "-e", "const answer = await fetch(`http://127.0.0.1:${process.env.PORT}/health/live`); process.exit(answer.ok ? 0 : 1)"]
ENTRYPOINT ["bun"]
CMD ["src/main.ts"]
