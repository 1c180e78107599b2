"""The two levels as one valid coverage; editions; point -> grid."""
