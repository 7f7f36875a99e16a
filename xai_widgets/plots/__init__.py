"""Static matplotlib figures from arrays and labels: what a page without a kernel, a PDF and a script show."""
