declare module 'class-transformer/cjs/storage' {
  /** What `@Type` has noted. The package keeps it out of its front door, and class-validator-jsonschema asks for it. */
  export const defaultMetadataStorage: import('class-transformer/types/MetadataStorage').MetadataStorage;
}
