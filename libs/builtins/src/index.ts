export {
  closed,
  defineAction,
  defineControl,
  definePure,
  defineTrigger,
  type Builtin,
  type BuiltinDeps,
} from './define';
export { loadBuiltins } from './load';
