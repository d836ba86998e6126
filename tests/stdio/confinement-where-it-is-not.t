#!/usr/bin/perl
# A kernel without Landlock, or with one that knows less, is no failure: sessions go on, and
# the log says it once.  One that has it and fails to give it is: there is no session.
use strict;
use warnings;
use lib 'tests/lib';
use MailRoot qw(contents messages program run);
use StoreTest;
use Test::More;

plain_build('system calls');
needs_strace();
plan(skip_all => 'needs a kernel with Landlock') if !$ENV{STRICT} && syscall(444, 0, 0, 1) < 2;

my ($bob, $alice) = ('bob@example.com', 'alice@example.com');
my $mail = "EHLO client.example\r\nMAIL FROM:<a\@client.example>\r\nRCPT TO:<$bob>\r\nRCPT TO:<$alice>\r\nDATA\r\n"
    . "Subject: one\r\n\r\ntext\r\n.\r\nMAIL FROM:<a\@client.example>\r\nRCPT TO:<new\@example.com>\r\n"
    . "BDAT 20 LAST\r\nSubject: two\r\n\r\nab\r\nQUIT\r\n";
my $pop = "USER $bob\r\nPASS secret\r\nRETR 1\r\nDELE 1\r\nQUIT\r\n";

# Both sessions in a new mail root behind a command that makes the kernel another; for each, its
# output, its status, and what the log says of confinement.
sub sessions {
	my ($kernel, @flags) = @_;
	my $root = new_root();
	add($root, $bob, 'secret');
	add($root, $alice);
	my %came;
	for (['smtp-stdio', $mail, '-c', @flags], ['pop3-stdio', $pop]) {
		my ($name, $input, @own) = @$_;
		my $errors = "$root.errors";
		my ($output, $status) = run($input, [ @$kernel, program($name), '-d', $root, '-p', @own ],
		    errors => $errors, limit => 60);
		$came{$name} = { output => $output, status => $status,
		    notes => scalar(() = contents($errors) =~ / confinement .*/g) };
	}
	return ($root, %came);
}

# A call fails, or each one of it from some time on.
sub failing {
	my ($fault) = @_;
	my ($call) = $fault =~ /^([^:]+)/;
	return ('strace', '-f', '-qq', '-o', '/dev/null', '-e', "trace=$call", '-e', "inject=$fault");
}

my %lesser = (
	'a kernel without Landlock'     => [ 1, failing('landlock_create_ruleset:error=ENOSYS') ],
	'one that has not begun with it' => [ 1, failing('landlock_create_ruleset:error=EOPNOTSUPP') ],
	'a supervisor that refuses it'  => [ 1, failing('landlock_create_ruleset:error=EPERM') ],
	(map { ("Landlock $_" => [ $_ < 2, program('fault/older_landlock'), $_ ]) } 1 .. 6),
	'no filters of calls'           => [ 0, failing('seccomp:error=EINVAL') ],
	'no seccomp'                    => [ 0, failing('seccomp:error=ENOSYS') ],
);
for my $kernel (sort keys %lesser) {
	my ($notes, @other) = @{$lesser{$kernel}};
	$notes = $notes ? 1 : 0;
	my ($root, %came) = sessions(\@other);
	like($came{'smtp-stdio'}{output}, qr/^250 .*OK id.*^250 .*OK id.*^221 /ms, "$kernel: messages are taken");
	is(scalar messages($root, $alice), 1, "$kernel: for each");
	is(scalar messages($root, $bob), 0, "$kernel: given out and removed");
	is(scalar messages($root, 'new@example.com'), 1, "$kernel: accounts are made");
	is($came{$_}{status}, 0, "$kernel: $_ has a good end") for sort keys %came;
	is($came{$_}{notes}, $notes, "$kernel: $notes warnings by $_") for sort keys %came;
}

my %failing = (
	'no set of rules' => 'landlock_create_ruleset:error=ENOMEM:when=1+2',
	'no rule'         => 'landlock_add_rule:error=ENOMEM',
	'no restriction'  => 'landlock_restrict_self:error=E2BIG',
	'no filter'       => 'seccomp:error=ENOMEM',
);
for my $what (sort keys %failing) {
	for my $flags ([], [ -f => 'cat' ]) {
		my ($root, %came) = sessions([ failing($failing{$what}) ], @$flags);
		my $as = "$what (@$flags)";
		like($came{'smtp-stdio'}{output}, qr/\A421 .*\r\n\z/, "$as: smtp-stdio says so");
		is($came{'smtp-stdio'}{status}, 75, "$as: and ends");
		is(scalar messages($root, $bob), 0, "$as: nothing is delivered");
		next if @$flags;
		unlike($came{'pop3-stdio'}{output}, qr/^Subject/m, "$as: pop3-stdio gives nothing out");
		like($came{'pop3-stdio'}{output}, qr{\A-ERR \[SYS/TEMP\] .*\r\n\z}, "$as: and says so")
		    if $what ne 'no rule';
		is($came{'pop3-stdio'}{status}, 75, "$as: and ends");
		cmp_ok($came{$_}{notes}, '>=', 1, "$as: the log of $_ says why") for sort keys %came;
	}
}
done_testing();
