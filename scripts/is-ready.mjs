// Succeeds when the service of this container is ready: the image's health check.
const port = process.env.API_SERVER_PRIVATE_PORT ?? 8083;
const answer = await fetch(`http://127.0.0.1:${port}/health/ready`).catch((error) => ({
  status: String(error.cause ?? error),
}));
if (!answer.ok) {
  console.error(`Not ready: ${answer.status}`);
  process.exit(1);
}
