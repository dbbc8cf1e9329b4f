# One image for every app: the container's command chooses it. docs/services.md tells how to build and run it.
ARG NODE_IMAGE=node:22-bookworm-slim

FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund
COPY .swcrc tsconfig.json ./
COPY scripts/build.mjs scripts/build-console.mjs scripts/
COPY libs libs
COPY apps apps
RUN npm run build

FROM ${NODE_IMAGE}
# Both servers listen on the container's own address; what reaches them is the matter of the ports that are published.
ENV NODE_ENV=production \
    DATA_DIR=/data \
    API_SERVER_HOST=0.0.0.0
WORKDIR /app
COPY package.json package-lock.json .env ./
COPY scripts/start.mjs scripts/flowctl.mjs scripts/is-ready.mjs scripts/
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
# Nothing in the image belongs to the user that it runs as; the data folder does, and a new volume takes that over.
RUN mkdir -m 700 /data && chown node:node /data
# The user node as a number: Kubernetes takes no name as a proof that it is not root.
USER 1000:1000
VOLUME /data
EXPOSE 8082 8083
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 CMD ["node", "scripts/is-ready.mjs"]
CMD ["node", "dist/apps/standalone/src/main.js"]
