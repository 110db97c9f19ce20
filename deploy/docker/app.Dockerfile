# The product: server, media engine and web app. Built from the project's root, see .dockerignore there.
# To pin what the tags mean, put the digest behind them: docker buildx imagetools inspect node:22.23.3-bookworm-slim
FROM node:22.23.3-bookworm-slim AS build
WORKDIR /app
# What is installed changes less often than the source: this layer is kept.
COPY package.json package-lock.json ./
COPY packages/contract/package.json packages/contract/
COPY packages/media/package.json packages/media/
COPY packages/server/package.json packages/server/
COPY packages/web/package.json packages/web/
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run --silent build \
 && npm prune --omit=dev --no-audit --no-fund \
 && find packages -name '*.tsbuildinfo' -delete

FROM node:22.23.3-bookworm-slim
LABEL org.opencontainers.image.title="ColourStream" \
      org.opencontainers.image.description="The review room for film colourists" \
      org.opencontainers.image.licenses="AGPL-3.0-only"
ENV NODE_ENV=production
WORKDIR /app
# Its folders, and nothing else, are its own: mounted volumes take their owner from here.
RUN groupadd --gid 10001 colourstream \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin colourstream \
 && install -d -o 10001 -g 10001 -m 0700 /data /backups \
 && install -d -o 10001 -g 10001 -m 0700 /data/recordings /data/run
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/packages/contract/package.json packages/contract/package.json
COPY --from=build /app/packages/contract/dist packages/contract/dist
COPY --from=build /app/packages/media/package.json packages/media/package.json
COPY --from=build /app/packages/media/dist packages/media/dist
COPY --from=build /app/packages/server/package.json packages/server/package.json
COPY --from=build /app/packages/server/prisma packages/server/prisma
COPY --from=build /app/packages/server/dist packages/server/dist
COPY --from=build /app/packages/web/dist packages/web/dist
COPY deploy/docker/healthcheck.mjs deploy/docker/healthcheck.mjs
# `docker compose exec app colourstream doctor`
COPY --chmod=0755 deploy/docker/colourstream /usr/local/bin/colourstream
USER 10001:10001
EXPOSE 3000 1935 9999/udp 10000-10009/udp
# The server ends in order on SIGTERM, within 5 s.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "/app/deploy/docker/healthcheck.mjs"]
CMD ["node", "packages/server/dist/main.js"]
