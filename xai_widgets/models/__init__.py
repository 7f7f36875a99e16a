"""The zoo and the pictures; layers by path in nested models, the logits behind a softmax."""
