"""The models of ai-inference."""
