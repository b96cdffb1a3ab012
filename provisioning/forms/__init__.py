"""The shape of what people type. Whether it is within limits is said by the services."""
