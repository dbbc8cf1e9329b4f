export { httpClient, type HttpAnswer, type HttpAsk } from './http-client';
export { aHttpServer, recordingLog, type HttpWorld } from './http-world';
