export { MASK, Masker } from './masker';
export { SecretReader, type RevealedSecret } from './secret.reader';
