export type * from './operations';
export * from './typed';
