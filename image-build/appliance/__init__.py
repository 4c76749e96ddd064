"""What makes an appliance of a machine: the technician's file, entering an office, the slots, whether it is well."""
