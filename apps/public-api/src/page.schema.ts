export { pageSchema } from '@flow/http';
