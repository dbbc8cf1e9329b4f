// The least that an HTTP server of this kind does: what the benchmarks are compared with.
import fastify from 'fastify';

const app = fastify();
app.post('/', async (request) => ({ got: request.body.a }));
await app.listen({ host: '127.0.0.1', port: 0 });
process.send(app.server.address().port);
