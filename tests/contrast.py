"""What is measured in a page: how well each text can be told from what is painted behind it."""

# The contrast of texts, and of the arrows of menus, with what is painted behind; what is disabled does not count.
CONTRASTS = """
root => {
  const canvas = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const paint = (colours) => {
    for (const colour of ["white", ...colours]) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const grounds = (node) => {
    const found = [];
    for (let n = node; n; n = n.parentElement) found.unshift(getComputedStyle(n).backgroundColor);
    return found;
  };
  const says = (n) => n.matches("select, input[type=text]")
    || [...n.childNodes].some((c) => c.nodeType === 3 && c.data.trim());
  const shown = (n) => n.checkVisibility({ visibilityProperty: true }) && !n.closest(":disabled, .xw-tile-out, option");
  return [...root.querySelectorAll("*")]
    .filter((n) => shown(n) && says(n))
    .map((node) => {
      const style = getComputedStyle(node);
      const behind = grounds(node);
      const ink = node instanceof SVGElement ? style.fill : style.color;
      const [a, b] = [paint([...behind, ink]), paint(behind)].map(light);
      return [(node.textContent || node.value).slice(0, 60), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
    });
}
"""
