export { API_PREFIX, type Access, type ServedBy, type ServerName } from './access';
export { Answer, IfMatch, ifMatch, ifMatchRevision } from './answer';
export { type DocsAccess } from './docs.routes';
export { Drain } from './drain';
export { Doc, Nullable, Optional } from './dto.decorators';
export { type Dto, type JsonSchema } from './dto-schemas';
export {
  ANY_TYPE,
  DAG_DEPTH,
  DEFAULT_DEPTH,
  JSON_TYPE,
  JSON_TYPES,
  YAML_TYPE,
  type AnswerShape,
  type EndpointOptions,
  type RouteDeclaration,
} from './endpoint';
export {
  BodyStream,
  CurrentCaller,
  Endpoint,
  IsResumed,
  PrivateApi,
  ProbeApi,
  PublicApi,
  ReservedId,
  RootApi,
  SharedApi,
  Traceparent,
} from './endpoint.decorators';
export { PreconditionFailed } from './http.errors';
export { type AnsweredRequest, type HttpLog } from './http-log';
export { createHttpServer, type HttpServer, type HttpServerOptions } from './http-server';
export { openApiPath, type OpenApiDocument } from './open-api';
export { pageSchema } from './page-schema';
export { PageQuery, pageOf } from './page-query.dto';
export { PROBLEM_TYPE, STATUS_OF, toAppError, toProblem, type Problem } from './problem';
export { RouteUndeclared, routesOf } from './route-plans';
export { LONGEST_SESSION_TOKEN, cameByTls, credentialsOf, noSessionCookie, sessionCookie } from './session-cookie';
export { WaitingRoom } from './waiting-room';
