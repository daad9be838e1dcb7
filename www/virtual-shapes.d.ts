declare module 'virtual:shapes' {
  import type { Shape } from './shape';
  const shapes: Record<string, Shape>;
  export default shapes;
}
