"""The two methods as they are used: networks around which sizes, devices and values fit."""
