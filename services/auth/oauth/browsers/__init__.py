"""Who is signed in on the authorization endpoint's pages, and what may be told of people."""
