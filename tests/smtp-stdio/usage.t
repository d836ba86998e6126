# A wrong flag or value is said in one line and the synopsis, on standard error; nothing
# goes to the connection, and the status is EX_USAGE.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;

my $root = new_root('bob@example.com');

my @wrong = (
	[ 'an unknown flag',            '-Z' ],
	[ 'a flag without its value',   '-h' ],
	[ 'an operand',                 'operand' ],
	[ 'a size that is no number',   '-m', 'big' ],
	[ 'a size of no digits',        '-m', 'k' ],
	[ 'an empty size',              '-m', '' ],
	[ 'an unknown unit',            '-m', '5x' ],
	[ 'text behind the unit',       '-m', '5kk' ],
	[ 'a negative size',            '-m', '-5' ],
	[ 'a size past all numbers',    '-m', '99999999999999999999g' ],
	[ 'a time that is no number',   '-t', 'long' ],
	[ 'a negative time',            '-t', '-1' ],
	[ 'recipients, not a number',   '-r', 'x' ],
	[ 'errors, not a number',       '-e', '3x' ],
	[ 'no host name',               '-h', '' ],
	[ 'a blank in the host name',   '-h', 'mail example' ],
	[ 'a tab in the host name',     '-h', "mail\texample" ],
	[ 'greeted, and not protected', '-g' ],
	[ 'no program for passwords',   '-A', '' ],
	[ 'blanks for a program',       '-A', '  ' ],
	[ 'no wrapper',                 '-T', '' ],
);

for (@wrong) {
	my ($what, @flags) = @$_;
	my ($output, $status, $errors) = with_errors("QUIT\r\n", [ program('smtp-stdio'), '-d', $root, @flags ]);
	is("$status:$output", '64:', "$what: status 64, nothing on standard output"); ## smtp-stdio-exit
	like($errors, qr/\A[^\n]+\n[^\n]*smtp-stdio \[/, "$what: a line and the synopsis on standard error");
}

my ($output, $status) = run("QUIT\r\n", [ program('smtp-stdio'), '-d', $root, '-h', "m\xc3\xbcller.example" ]);
is("$status:$output", '64:', 'a host name with other octets than ASCII'); ## smtp-6531-3.7.1

($output, $status) = run("QUIT\r\n", [ program('smtp-stdio'), '-d', $root, '-h', 'mail.example.org', '-m', '1g',
    '-t', '10', '-r', '5', '-e', '5', '-c', '-n', '-v' ]);
is($status, 0, 'all flags at once'); ## smtp-stdio-exit
like($output, qr/\A220 mail\.example\.org [^\n]*\n221 [^\n]*\n\z/, 'and a session under them');

($output, $status) = run("QUIT\r\n", [ program('smtp-stdio'), '-d', $root, '-abcpsg', '-A', '/bin/false', '-T', '/bin/false %' ]);
is($status, 0, 'those of login and TLS'); ## smtp-stdio-exit
like($output, qr/\A221 [^\n]*\n\z/, 'and a session under them, without a greeting'); ## smtp-3207-4.2-c

done_testing;
