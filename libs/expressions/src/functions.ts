import type { LanguageFunction } from './language-function';
import { LIST_FUNCTIONS } from './list-functions';
import { NUMBER_FUNCTIONS } from './number-functions';
import { TEXT_FUNCTIONS } from './text-functions';
import { TIME_FUNCTIONS } from './time-functions';

/** Every function that an expression can call; there is no other way to run anything. */
export const FUNCTIONS: ReadonlyMap<string, LanguageFunction> = new Map([
  ...Object.entries(TEXT_FUNCTIONS),
  ...Object.entries(NUMBER_FUNCTIONS),
  ...Object.entries(LIST_FUNCTIONS),
  ...Object.entries(TIME_FUNCTIONS),
]);
