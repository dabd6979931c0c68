"""The pages, widgets and visual language of the desk."""
