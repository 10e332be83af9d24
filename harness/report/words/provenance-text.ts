/** Where an image came from, with digests short enough for a table; images.json has them whole. */
export const provenanceText = (provenance: string): string =>
  provenance.replace(/\b([0-9a-f]{12})[0-9a-f]{28,}\b/g, '$1…');
