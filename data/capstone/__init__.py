"""The capstone. Before TensorFlow starts: on the processor, which repeats to the bit where a GPU does not."""

import os

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")  # half as fast again on processors where it is not the default
