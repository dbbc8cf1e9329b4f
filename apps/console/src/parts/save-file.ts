/** Gives the browser a file to keep. */
export function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/octet-stream' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // A large one is not read at once.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
