"""BPMN execution: the only package that imports SpiffWorkflow. Pure: no rows, no input or output, no clock of its own."""
