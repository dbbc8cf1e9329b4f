/** Whether the service has told something: what it does not know it leaves out or says as null. */
export const isThere = <T>(value: T): value is NonNullable<T> => value !== null && value !== undefined;
