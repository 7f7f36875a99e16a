"""What methods answer: frozen values with the recipe that made them, which draw themselves."""
