#!/usr/bin/perl
# No process, no random octets: what the store has no part in can fail as well.
use strict;
use warnings;
use lib 'tests/lib';
use FaultTest;
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();

# No process for the login: the client is told at once, in place of the greeting.
for my $calls ('socketpair', '?fork,?vfork,clone,?clone3') {
	my $root = deleting_root();
	my ($output, $status) = pop3_session($root, "USER bob\@example.com\r\nPASS secret\r\nQUIT\r\n",
	    before => ['strace', '-f', '-q', '-o', '/dev/null', '-e', "trace=$calls", '-e', "inject=$calls:error=EAGAIN"]);
	like($output, qr{\A-ERR \[SYS/TEMP\] .*\r\n\z}, "no $calls: told as trouble");       ## pop3-3206-b
	is($status, 75, 'and the session ends');        ## pop3-stdio-exit
	MailRoot::remove_directory($root);
}

# Nor for one that runs other programs: so it is with SMTP.
for my $calls ('socketpair', '?fork,?vfork,clone,?clone3') {
	my ($root) = accounts_root(1, 1);
	my $errors = "$root.errors";
	my ($output, $status) = MailRoot::run("QUIT\r\n", ['strace', '-f', '-q', '-o', '/dev/null', '-e', "trace=$calls",
	    '-e', "inject=$calls:error=EAGAIN", MailRoot::program('smtp-stdio'), '-d', $root, '-f', 'cat'], errors => $errors);
	like($output, qr/\A421 \N*\n\z/, "no $calls: SMTP's client is told");       ## smtp-5321-3.1-b
	is($status, 75, 'that session ends');        ## smtp-stdio-exit
	like(octets_of($errors), qr/ no-process error=/, 'and the log says why');
	unlink $errors;
	MailRoot::remove_directory($root);
}
done_testing();
