export { aDag, step } from './a-dag';
