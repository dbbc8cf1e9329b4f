export { SystemClock } from './system-clock';
export { SystemRandom } from './system-random';
