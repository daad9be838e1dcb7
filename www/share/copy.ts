// Copying, where the browser lets a page do so: some only over https.

/** Puts a text where it can be pasted from, and says whether that worked. `near`: an element that is seen, for browsers that copy what is selected. */
export async function copy(text: string, near: Element): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text, near.querySelector('dialog') ?? near);
  }
}

function copySelected(text: string, inside: Element): boolean {
  const field = document.createElement('textarea');
  const before = document.activeElement as HTMLElement | null;
  field.className = 'unseen';
  field.value = text;
  inside.append(field);
  field.select();
  try {
    return document.execCommand('copy');
  } finally {
    field.remove();
    before?.focus();
  }
}
