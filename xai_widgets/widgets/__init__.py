"""The labs, one file a lab; `components` holds the few views with JavaScript of their own."""
