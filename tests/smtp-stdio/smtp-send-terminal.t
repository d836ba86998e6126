# At a terminal: what takes longer than a second shows how far it is, and takes the line away
# at the end; a password is asked for and not shown.  What is done at once shows nothing.
use strict;
use warnings;
use lib 'tests/lib';
use MailTest;
use SendTest;
use Time::HiRes qw(time);

need('script', 'bsdutils');

my $bob = 'bob@example.com';
my @server = odd_server();

# Starts smtp-send with this file for standard input, and a terminal for the rest.
sub at_terminal {
	my ($columns, $file, @arguments) = @_;
	my $command = join ' ', map { "'" . s/'/'\\''/gr . "'" } program('smtp-send'), @arguments;
	return Program->start(command => [ 'script', '-qec', "stty cols $columns; exec $command <'$file'", '/dev/null' ],
	    limit => 60, environment => { MAIL_STDIO_LOG => 'syslog' });
}

my $small = own_file("Subject: x\n\ntext\n");
my $big = own_file("Subject: x\n\n" . "a line of text\n" x 280_000);
for my $with ([], [ '-k', 'CHUNKING' ]) {
	my $began = time;
	my $sending = at_terminal(60, $big, $bob, odd_server(@$with, 'RCPT=250 2.1.5 Yes\r\n{drowsy}'));
	my $output = $sending->rest;
	is($sending->status, 0, "a big message to a slow server @$with") or diag($output);
	my $seconds = time - $began;
	my @lines = grep { /\S/ } split /\r/, $output;
	cmp_ok(scalar @lines, '>=', 2, scalar(@lines) . ' lines are drawn');
	cmp_ok(scalar @lines, '<=', 5 * $seconds + 1, "in $seconds seconds");
	is(scalar(grep { !/^sending +\d{1,3}% \[#* *\] \d+(?:\.\d)?[kM]?\/4\.\d?M \d+:\d\d *$/ || length >= 60 } @lines), 0, 'each as it should be')
	    or diag explain \@lines;
	my @percent = map { /(\d+)%/ } @lines;
	is_deeply(\@percent, [ sort { $a <=> $b } @percent ], 'it goes forward'); ## smtp-send-progress
	like($output, qr/\r +\r\z/, 'and the line is taken away at the end');
}
my $sending = at_terminal(60, $small, $bob, odd_server());
is($sending->rest, '', 'what is done at once shows nothing');
is($sending->status, 0, 'and is done');

# The password
my $root = new_root([ $bob, 'a secret word' ]);
for ([ 'the right one', 'a secret word', 0 ], [ 'a wrong one', 'another one', 69 ], [ 'none', '', 66 ]) {
	my ($name, $password, $status) = @$_;
	my $sending = at_terminal(80, $small, '-u', $bob, $bob, '--', program('smtp-stdio'), '-a', '-d', $root);
	my $output = '';
	wait_until { $output .= $sending->piece; $output =~ /Password for bob\@example\.com: \z/ };
	like($output, qr/\APassword for bob\@example\.com: \z/, "$name: it is asked for");
	$sending->send("$password\n");
	$output = $sending->rest;
	is($sending->status, $status, "$name: $status");
	unlike($output, qr/a secret|another/, "$name: is not shown");
}
is(scalar messages($root, $bob), 1, 'one of them was right');
done_testing;
