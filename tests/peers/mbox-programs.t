# mbox files of other programs come in by mailstore import, and those that mailstore export
# writes are read by other programs: procmail, formail, s-nail and Python's mailbox.
use strict;
use warnings;
use lib 'tests/lib';
use Test::More;
use PeerTest qw(deliver mail_root program run scratch_dir slurp spew stored subtest_with text_of);
use StoreTest qw(same_octets);

my $bob = 'bob@example.com';
my $dir = scratch_dir();
my @texts = map { "From: anna\@example.org\nTo: $bob\nSubject: $_\nMessage-Id: <$_\@example.org>\n\nFrom the $_.\n>From him\n" } qw(first second third);

# What mailstore writes; the status has to be 0.
sub mailstore
{
	my ($root, $input, @arguments) = @_;
	my ($status, $output, $errors) = run([ program('mailstore'), '-d', $root, @arguments ], input => $input);
	is($status, 0, "mailstore $arguments[0]") or diag($errors);
	return $output;
}

sub texts_in
{
	my ($root) = @_;
	return map { text_of(slurp($_)) } stored($root, $bob);
}

# An mbox file of a mailbox that these messages came to by SMTP.
my $root = mail_root($bob);
deliver($root, $bob, $_) for @texts;
my $mbox = spew("$dir/mbox", mailstore($root, '', 'export', $bob));

subtest_with { procmail => 'procmail' }, 'an mbox file that procmail wrote' => sub {
	my $to = mail_root($bob);

	spew("$dir/procmailrc", "MAILDIR=$dir\nDEFAULT=$dir/spool\n:0\n$dir/spool\n");
	for my $text (@texts) {
		my ($status) = run([ 'procmail', '-f', 'anna@example.org', '-m', "$dir/procmailrc" ], input => $text);
		is($status, 0, 'procmail delivers');
	}
	mailstore($to, '', 'import', $bob, "$dir/spool");
	my @stored = texts_in($to);
	is(scalar @stored, scalar @texts, 'as many messages as it delivered');
	# It quotes lines with From, but not those that are quoted already
	same_octets($stored[$_], $texts[$_] =~ s/^>From /From /mr, 'each as it was sent') for 0 .. $#texts;
};

subtest_with { formail => 'procmail' }, 'formail splits what was exported' => sub {
	my ($status, $output) = run([ 'formail', '-s', 'sed', '-n', '/^Subject:/p' ], input => slurp($mbox));
	is($status, 0, 'formail');
	is($output, "Subject: first\nSubject: second\nSubject: third\n", 'at the right places');
};

subtest_with { 's-nail' => 's-nail' }, 's-nail copies an mbox file to another' => sub {
	my $to = mail_root($bob);
	my ($status, $said, $errors) = run([ 's-nail', '-:/', '-R', '-f', $mbox ], input => "copy * $dir/copy\nexit\n",
		env => { HOME => $dir, LC_ALL => 'C' });
	is($status, 0, 's-nail') or diag($said, $errors);
	mailstore($to, '', 'import', $bob, "$dir/copy");
	is_deeply([ map { s/^Status: .*\n//mr } texts_in($to) ], \@texts, 'and imported, all are the same');
};

subtest_with { python3 => 'python3' }, "Python's mailbox reads and writes mbox files" => sub {
	my $to = mail_root($bob);
	my ($status, $output, $errors) = run([ 'python3', '-c', <<'END', $mbox, "$dir/python" ]);
import mailbox, sys
source = mailbox.mbox(sys.argv[1])
target = mailbox.mbox(sys.argv[2])
for message in source:
    print(message['Subject'], message.get_from())
    target.add(message)
target.close()
END
	is($status, 0, 'Python') or diag($errors);
	is($output =~ s/ \w+ \w+ [ \d]\d \d\d:\d\d:\d\d \d{4}$//mgr, join('', map { "$_ sender\@example.org\n" } qw(first second third)),
		'it sees each message, and whom it is from');
	mailstore($to, '', 'import', $bob, "$dir/python");
	my @stored = stored($to, $bob);
	same_octets(slurp($stored[$_]), slurp((stored($root, $bob))[$_]), 'and writes what is imported as the same')
		for 0 .. $#texts;
};
done_testing();
