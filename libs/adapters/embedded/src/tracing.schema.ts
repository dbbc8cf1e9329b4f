/** The W3C trace that a run belongs to goes along with what it tells the world outside. */
export const TRACING_SCHEMA = `
ALTER TABLE deliveries ADD COLUMN traceparent TEXT;
ALTER TABLE events ADD COLUMN traceparent TEXT;
`;
