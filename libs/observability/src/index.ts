export { CalmLog } from './calm-log';
export { HealthChecks, type CheckEvents, type Health, type Probe, type Word } from './health';
export { createLog, nestLog, type LogFormat, type LogOptions } from './log';
export { Metrics, type ObservedRequest } from './metrics';
