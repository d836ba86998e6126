#!/usr/bin/perl
# Who cannot become the owner of the mail root, or could come back from it, does nothing at
# all: nobody is served by root, and nothing is changed.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(program run);
use StoreTest;
use Test::More;

needs_root();
needs_strace();
plain_build('system calls');

my $root = new_root();
mkdir $root, 0700 or die "$root: $!\n";
chown 23_456, 23_457, $root or die "$root: $!\n";
add($root, 'bob@example.com', 'secret');
my @before = entries($root);

# mailstore and both servers, and what they print before they have become somebody
my @commands = (
	[ 'mailstore', '-d', $root, 'add', '-n', 'ann@example.com' ],
	[ 'smtp-stdio', '-d', $root, '-c' ],
	[ 'pop3-stdio', '-d', $root, '-p' ],
);
for (
	[ 'groups cannot be left', 'setgroups:error=EPERM' ],
	[ 'the group cannot be', 'setgid:error=EPERM' ],
	[ 'the user cannot be', 'setuid:error=EPERM:when=1' ],
	[ 'there is a way back', 'setuid:retval=0' ],
) {
	my ($what, $fault) = @$_;
	for (@commands) {
		my ($name, @arguments) = @$_;
		my $errors = "$root.errors";
		my ($output, $status) = run("QUIT\r\n", [ 'strace', '-f', '-qq', '-o', '/dev/null', '-e', 'trace=setgroups,setgid,setuid',
		    '-e', "inject=$fault", program($name), @arguments ], errors => $errors, limit => 60);
		is("$status:$output", '77:', "$name, $what: it does nothing, and says so by its status");
		like(octets_of($errors), qr/cannot become the owner of /, 'and why');
		unlink $errors;
	}
}
is_deeply([ entries($root) ], \@before, 'nothing has changed');
done_testing();
