"""The commands of zhishiyun-server, one a file."""
