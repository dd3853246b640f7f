/**
 * Loads items in order, keeping up to `depth` of them in the making while the consumer works on one. Memory is bounded by depth + 1 items.
 * Loading stops where the consumer stops; an error surfaces at the item it belongs to.
 */
export async function* readAhead<Item, Loaded>(items: readonly Item[], depth: number, load: (item: Item) => Promise<Loaded>): AsyncGenerator<Loaded, void, undefined> {
  const pending: Promise<Loaded>[] = [];
  let next = 0;
  const fill = () => {
    while (next < items.length && pending.length < Math.max(1, depth)) {
      const loading = load(items[next++]!);
      loading.catch(() => undefined); // seen again, and thrown, when the consumer comes to this item
      pending.push(loading);
    }
  };
  fill();
  while (pending.length > 0) {
    const loaded = await pending.shift()!;
    fill(); // the next item is loaded while the consumer works on this one
    yield loaded;
  }
}
